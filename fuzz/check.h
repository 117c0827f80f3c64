/* What a fuzz target promises: a broken promise is a crash, also where assertions are compiled out. */
#ifndef WW_FUZZ_CHECK_H
#define WW_FUZZ_CHECK_H

#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

#endif
