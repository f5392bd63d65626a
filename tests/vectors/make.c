/* Writes all vectors: `make FOLDER`. Fixed keys and times, so that two runs give the same bytes. */
#include "make.h"

#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make FOLDER\n");
        return 2;
    }
    out_folder(argv[1]);
    make_text();
    make_envelope();
    make_verify();
    make_cbor();
    make_payload();
    make_carrier();
    make_payment();
    make_request();
    make_accept();
    make_evidence();
    make_news();
    make_merkle();
    make_checkpoint();
    printf("%u vectors\n", out_count());
    return 0;
}
