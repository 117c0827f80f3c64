/* What the JSON of names and that of TLSRPT share. */
#ifndef WW_CHECK_NAMES_JSON_H
#define WW_CHECK_NAMES_JSON_H

#include "check/names_sight.h"

#include <jansson.h>

/* "absent", "present" or "invalid". */
const char *ww_txt_presence_name(enum ww_txt_presence presence);

json_t *ww_name_texts_json(const struct ww_name_texts *texts);

#endif
