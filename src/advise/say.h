/* Numbers, days and strangers' names in sentences for people: printable ASCII alone. */
#ifndef WW_ADVISE_SAY_H
#define WW_ADVISE_SAY_H

#include "base/slice.h"

#include <stdint.h>

#define WW_SAY_NAME_SIZE 108
#define WW_SAY_DAY_SIZE 11
#define WW_SAY_COUNT_SIZE 32

/* A host or a sender; of a long one the right end. */
const char *ww_say_name(char out[WW_SAY_NAME_SIZE], const char *name);

/* "2026-11-29" */
const char *ww_say_time(char out[WW_SAY_DAY_SIZE], int64_t seconds);
const char *ww_say_day(char out[WW_SAY_DAY_SIZE], int64_t day);

/* "12,345" */
const char *ww_say_count(char out[WW_SAY_COUNT_SIZE], int64_t count);

/* "": one of them; "s" */
const char *ww_say_s(int64_t count);

/* What a result type of RFC 8460 section 4.3 means, as a clause; "": its sender does not say. */
#define WW_SAY_RESULT_SIZE 128
const char *ww_say_result(char out[WW_SAY_RESULT_SIZE], const char *result);

#endif
