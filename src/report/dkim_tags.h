/* Lists of tags, as DKIM's signatures and keys are (RFC 6376 section 3.2): "a=rsa-sha256; d=example.com". */
#ifndef WW_REPORT_DKIM_TAGS_H
#define WW_REPORT_DKIM_TAGS_H

#include "base/slice.h"

/* Folds are white space. */
static inline bool ww_dkim_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Cuts off the next tag; white space and folds around name and value are gone. What has no equals sign has no
 * name. False: nothing is left. */
bool ww_dkim_tag_next(struct ww_slice *rest, struct ww_slice *name, struct ww_slice *value);

/* name is in lower case, and case counts for nothing. False: there is no such tag. Of two the first counts.
 */
bool ww_dkim_tag_find(struct ww_slice list, const char *name, struct ww_slice *value);

/* Cuts off the next of the words between colons. False: nothing is left. */
bool ww_dkim_word_next(struct ww_slice *rest, struct ww_slice *word);

/* Whether the tag is absent, or one of its words is one of the two. */
bool ww_dkim_tag_allows(struct ww_slice list, const char *name, const char *one, const char *other);

#endif
