/* A survey for DANE as a message, or as a part of one: of settled hosts alone. */
#ifndef WW_PROC_MSG_DANE_H
#define WW_PROC_MSG_DANE_H

#include "base/buf.h"
#include "core/dane_survey.h"

/* Longest encoding. */
#define WW_MSG_DANE_SURVEY_MAX (24 * 1024)

void ww_msg_put_dane_survey(struct ww_buf *b, const struct ww_dane_survey *survey);
/* WW_E_MSG_MALFORMED: what is there is not what the other one writes. */
WW_MUST_CHECK enum ww_err ww_msg_get_dane_survey(struct ww_slice payload, struct ww_dane_survey *survey);

#endif
