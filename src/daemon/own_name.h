/* This machine's name. */
#ifndef WW_DAEMON_OWN_NAME_H
#define WW_DAEMON_OWN_NAME_H

#include "core/dname.h"

#include <stdbool.h>

/* For EHLO: servers like to be told one, and one without a dot is none to them. False: "" then. */
bool ww_own_name(char out[WW_DNAME_SIZE]);

#endif
