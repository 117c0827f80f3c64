/* Paragraphs of a mail: words wrapped at 76 columns behind a label. */
#ifndef WW_DAEMON_HERALD_TEXT_H
#define WW_DAEMON_HERALD_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* "  label     text", the text in its column. Nothing for an empty text. */
void ww_herald_put(FILE *to, const char *label, const char *text);
/* From the margin. */
void ww_herald_put_plain(FILE *to, const char *text);

/* "2026-11-29T12:00:00Z (3 days ago)", "(in 6 days)", "(just now)". */
#define WW_HERALD_WHEN_SIZE 64
void ww_herald_when(int64_t at, int64_t now, char out[WW_HERALD_WHEN_SIZE]);

#endif
