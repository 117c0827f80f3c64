/* What `waxwing publish zone` and `tlsa` share: how records are asked for, and printed. */
#ifndef WW_CLI_PUBLISH_RECORDS_H
#define WW_CLI_PUBLISH_RECORDS_H

#include "publish/zone.h"

#define WW_PUBLISH_TTL_WANTED "--ttl: a time such as 5m, or seconds, are wanted, up to a week"

/* "5m", or seconds. False: it is neither, 0, or longer than a week. */
bool ww_publish_take_ttl(const char *text, uint32_t *ttl);

/* Prints the records; JSON with more (taken over, or NULL) beside them. Returns an exit status. */
int ww_publish_print_zone(const char *command, const struct ww_zone *zone, enum ww_zone_format format,
                          json_t *more);

#endif
