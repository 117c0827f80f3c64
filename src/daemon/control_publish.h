/* What the commands about published domains are asked with, and how that is read. */
#ifndef WW_DAEMON_CONTROL_PUBLISH_H
#define WW_DAEMON_CONTROL_PUBLISH_H

#include "daemon/config.h"
#include "proc/msg_publish.h"

#include <jansson.h>

#define WW_CONTROL_PUBLISH_WHY_SIZE 256

/*
 * Reads a request's members into out, of which `what` is set:
 *
 *   domain                      always but for LIST
 *   goal                        "draft", "testing", "enforce" or "retire"
 *   automatic, stopped, force   true or false
 *   mx, or mx_add and mx_drop   patterns, IDNs as people write them
 *   max_age                     seconds, 86400 to WW_POLICY_MAX_AGE_MAX
 *   rua                         URIs with commas between them; "": no record is kept
 *   host                        "here", "tree", "elsewhere", or "mirror" with `mirror`, a domain
 *   dns                         "hand" or "update"
 *   certificate                 "files" or "acme"
 *   version                     of the domain, that the change is one of
 *
 * What is left out of an ADD is as the configuration suggests. False: why says what is wrong, printable
 * ASCII.
 */
bool ww_control_publish_read(const json_t *request, const struct ww_config *config,
                             struct ww_msg_publish_ask *out, char why[WW_CONTROL_PUBLISH_WHY_SIZE]);

#endif
