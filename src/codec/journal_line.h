/* One entry of systemd's journal, as `journalctl --output=json` prints it. */
#ifndef WW_CODEC_JOURNAL_LINE_H
#define WW_CODEC_JOURNAL_LINE_H

#include "base/slice.h"

#include <jansson.h>
#include <stdint.h>

/* An entry that is longer is none of Postfix's. */
#define WW_JOURNAL_LINE_MAX 65536

/* With the NUL; systemd's have about 130 octets. */
#define WW_JOURNAL_CURSOR_SIZE 512

struct ww_journal_line {
    char cursor[WW_JOURNAL_CURSOR_SIZE]; /* printable ASCII; "" when there is none that is good */
    int64_t seconds;                     /* Unix time */
    struct ww_slice host;                /* slices are borrowed from `json` */
    struct ww_slice tag;
    uint32_t pid; /* 0 without */
    struct ww_slice message;
    json_t *json; /* owns them */
};

/*
 * Reads one line. False: it is no entry, or one without time or message, such as one whose message is no
 * UTF-8; then there is nothing to free. Else free it with ww_journal_line_free.
 */
bool ww_journal_line_parse(const char *p, size_t n, struct ww_journal_line *out);
void ww_journal_line_free(struct ww_journal_line *line);

#endif
