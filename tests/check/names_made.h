/* A domain where all is well in DNS, as it is seen; tests break it. */
#ifndef WW_TESTS_CHECK_NAMES_MADE_H
#define WW_TESTS_CHECK_NAMES_MADE_H

#include "check/check.h"
#include "check/sight.h"

#define MADE_DOMAIN "d.example"

/* With a record (id 1) and a TLSRPT record, a policy of mode enforce, two name servers. Free it with
 * ww_sight_free. */
struct ww_sight *made_sight(void);

/* Puts texts in the place of what stands at a name; ends with NULL. With none the name does not exist. */
void made_texts(struct ww_sight *sight, enum ww_names_text which, const char *const *texts);
void made_text(struct ww_sight *sight, enum ww_names_text which, const char *text);

/* After a change of texts: reads them, and the policy. */
void made_read(struct ww_sight *sight);

/* No policy is served. */
void made_no_policy(struct ww_sight *sight);

/* The ids of the findings with a blank between, in the order of the report, which is cleared then. */
const char *made_ids(struct ww_check_report *report);

#endif
