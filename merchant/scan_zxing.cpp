#include "scan_zxing.h"

#define ZX_USE_UTF8 /* else the headers warn of a return type that is not used here */
#include <ZXing/ReadBarcode.h>

extern "C" void
scan_zxing(void *finding, const uint8_t *pixels, uint32_t width, uint32_t height,
           bool one_threshold)
{
    try {
        const ZXing::ImageView view(pixels, static_cast<int>(width), static_cast<int>(height),
                                    ZXing::ImageFormat::Lum);
        ZXing::DecodeHints hints;

        hints.setFormats(ZXing::BarcodeFormat::QRCode);
        hints.setBinarizer(one_threshold ? ZXing::Binarizer::GlobalHistogram
                                         : ZXing::Binarizer::LocalAverage);
        for (const ZXing::Result &result : ZXing::ReadBarcodes(view, hints)) {
            const ZXing::ByteArray &bytes = result.bytes();

            if (result.isValid() && !result.isPartOfSequence())
                scan_found(finding, reinterpret_cast<const char *>(bytes.data()), bytes.size());
        }
    } catch (...) {
        return;
    }
}
