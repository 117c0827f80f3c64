/* Starting a role as a process of its own: the same program again, with nothing open but what it needs. */
#ifndef WW_DAEMON_CHILD_H
#define WW_DAEMON_CHILD_H

#include "proc/msg.h"

#include <sys/types.h>

/*
 * Starts a role. config is the sealed configuration, borrowed. *channel is our end of its channel, the
 * caller's to close. -1: errno says why.
 */
pid_t ww_child_start(enum ww_role_kind kind, unsigned index, int config, int *channel);

/* How a process ended, in words: "exit 1", "signal KILL". */
#define WW_CHILD_END_SIZE 32
void ww_child_end(int status, char out[WW_CHILD_END_SIZE]);

/* The role in the arguments that ww_child_start gives; WW_ROLE_SUPERVISOR when there is none. */
enum ww_role_kind ww_child_role(int argc, char **argv, unsigned *index);

#endif
