#include "status.h"

const char *
status_name(enum status status)
{
    switch (status) {
#define X(number, name, german, english)                                                           \
    case STATUS_##name:                                                                            \
        return #name;
        STATUS_LIST(X)
#undef X
    }
    return "UNKNOWN";
}

const char *
status_german(enum status status)
{
    switch (status) {
#define X(number, name, german, english)                                                           \
    case STATUS_##name:                                                                            \
        return german;
        STATUS_LIST(X)
#undef X
    }
    return "Unbekannter Fehler.";
}

const char *
status_english(enum status status)
{
    switch (status) {
#define X(number, name, german, english)                                                           \
    case STATUS_##name:                                                                            \
        return english;
        STATUS_LIST(X)
#undef X
    }
    return "Unknown error.";
}
