/* The list of all overrides, as control asks for it. */
#ifndef WW_DAEMON_FRONT_OVERRIDES_LIST_H
#define WW_DAEMON_FRONT_OVERRIDES_LIST_H

#include "daemon/asked.h"
#include "daemon/front_overrides.h"

/* Answers WW_ASK_OVERRIDE_LIST. */
void ww_overrides_list(const struct ww_overrides *overrides, struct ww_asked *asked,
                       struct ww_question_ref ref);

#endif
