/* The Content-Type of a policy (RFC 8461 section 3.2, RFC 9110 section 8.3.1). */
#ifndef WW_CORE_MEDIA_TYPE_H
#define WW_CORE_MEDIA_TYPE_H

#include "base/slice.h"

/*
 * True when the header's value is text/plain in any case, alone or with parameters. What the parameters say
 * is not looked at: RFC 8461 ignores all but charset=utf-8 and charset=us-ascii, and a body in either is read
 * the same way.
 */
bool ww_media_type_is_text_plain(struct ww_slice value);

#endif
