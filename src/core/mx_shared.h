/* Names below which a provider of mail gives hosts to many customers: no place for a wildcard of one of them.
 */
#ifndef WW_CORE_MX_SHARED_H
#define WW_CORE_MX_SHARED_H

#include "base/slice.h"

/* Whose hosts a pattern with a wildcard covers beside those of one customer: words (static), or NULL. */
const char *ww_mx_shared(struct ww_slice pattern);

#endif
