/*
 * The Message-ID of a report's mail: from it a bounce, which returns it, tells which report could not be
 * delivered to whom. Nobody guesses it who was not given the report: its id has 64 random bits.
 */
#ifndef WW_CORE_REPORT_MESSAGE_H
#define WW_CORE_REPORT_MESSAGE_H

#include "core/report.h"

/*
 * "<LEFT.RECIPIENT@host>": what is left of the at sign in the report's id, and the recipient as 16 digits.
 * host is a domain name. Of one report to one recipient it is always the same.
 */
#define WW_REPORT_MESSAGE_SIZE 1024
void ww_report_message_id(const char *report_id, const char *recipient, const char *host,
                          char out[WW_REPORT_MESSAGE_SIZE]);

struct ww_report_message {
    char left[WW_REPORT_ID_SIZE];
    uint64_t recipient;
};

/* Reads one, with or without the angle brackets. False: no report of ours has such a Message-ID. */
bool ww_report_message_parse(struct ww_slice text, struct ww_report_message *out);

bool ww_report_message_is_to(const struct ww_report_message *message, const char *recipient);

#endif
