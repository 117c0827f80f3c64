/* Entries of the journal: what is taken has its texts, and a cursor that may be an argument of a program. */
#include "check.h"
#include "codec/journal_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_journal_line line;
    if (!ww_journal_line_parse((const char *)data, size, &line))
        return 0;
    CHECK(line.json != NULL && line.message.n > 0 && line.seconds >= 0);
    for (const char *c = line.cursor; *c != '\0'; c++)
        CHECK(*c > ' ' && *c < 0x7f);
    ww_journal_line_free(&line);
    return 0;
}
