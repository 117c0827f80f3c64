/*
 * The canonical forms of what a datagram tells (tlsrpt_datagram.h). Each rewrites a text where it lies and
 * gives its new length, 0 when the text is not what it should be.
 */
#ifndef WW_CODEC_TLSRPT_DATAGRAM_TEXT_H
#define WW_CODEC_TLSRPT_DATAGRAM_TEXT_H

#include "base/slice.h"

/* An address; there is room for WW_ADDR_TEXT_SIZE octets, since IPv6 may become longer. */
size_t ww_datagram_address(char *p, size_t n);

size_t ww_datagram_name(char *p, size_t n);

/* Words for people: harmless, WW_SESSIONS_TEXT_MAX octets at most. */
size_t ww_datagram_words(char *p, size_t n);

/* The first line of an answer to EHLO, without its code, and as words. */
size_t ww_datagram_helo(char *p, size_t n);

/* A TLSRPT record: printable US-ASCII, WW_SESSIONS_RECORD_MAX octets at most. */
size_t ww_datagram_record(char *p, size_t n);

/* A string of a list, which is one line then. */
size_t ww_datagram_line(char *p, size_t n, bool lower);

/* TLSA records, one a line: in lower case, sorted, each once. Of more than 256 the first. */
size_t ww_datagram_sort_tlsa(char *p, size_t n);

/* Whether the lines of an MTA-STS policy say "mode: testing". */
bool ww_datagram_is_testing(struct ww_slice lines);

#endif
