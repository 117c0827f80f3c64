/*
 * The survey of a domain for DANE as a state machine: which questions are to be asked of each MX host, and
 * what the answers come to (RFC 7672 sections 2.1 and 2.2). The hosts know nothing of each other.
 *
 * TLSA is asked only where the addresses are secure, for name servers of unsigned zones often fail on it
 * (section 2.2.2). The first answer that has addresses decides, so that a name server that fails on the other
 * family harms nobody. With aliases, TLSA stands at their end or else at the MX host name; where they end in
 * an unsigned zone, at the MX host name alone, and only when the first alias is itself secure. A failure or a
 * bogus answer on this way is that of the host.
 */
#ifndef WW_ENGINE_DANE_SURVEY_H
#define WW_ENGINE_DANE_SURVEY_H

#include "core/dane_survey.h"

/* What came of one question. */
struct ww_dane_reply {
    enum ww_err err;
    const char *detail; /* words on a failure, or NULL */
    enum ww_dnssec dnssec;
    struct ww_slice packet; /* empty on a failure */
};

/*
 * Begins with what the MX look-up has found. Each host wants its addresses then, unless it is settled
 * already: there is no validation.
 */
void ww_dane_survey_begin(struct ww_dane_survey *survey, const struct ww_mx_hosts *mx);

/*
 * The next question that the host wants asked, which is noted as pending; WW_DANE_QUESTIONS: none for now.
 * The name to ask for is written to `name`.
 */
enum ww_dane_question ww_dane_survey_next(struct ww_dane_host *host, char name[WW_DNAME_SIZE]);

/* The type of DNS records that a question is about. */
uint16_t ww_dane_survey_type(enum ww_dane_question question);

/* The reply to a pending question. The host may be settled then, or want to know more. */
void ww_dane_survey_take(struct ww_dane_host *host, enum ww_dane_question question,
                         const struct ww_dane_reply *reply);

/* Settles a host whose look-up cannot go on: its state is WW_DANE_LOOKUP_FAILED. detail may be NULL. */
void ww_dane_survey_give_up(struct ww_dane_host *host, enum ww_err why, const char *detail);

/* A survey that has ended without any answer. detail may be NULL. */
void ww_dane_survey_fail(struct ww_dane_survey *survey, enum ww_err why, const char *detail);

/* All hosts are settled: works out the lifetime. */
void ww_dane_survey_end(struct ww_dane_survey *survey);

#endif
