/* What the files of the commands about reports of others share. */
#ifndef WW_DAEMON_CONTROL_RECEIVED_H
#define WW_DAEMON_CONTROL_RECEIVED_H

#include "daemon/control_keeper.h"
#include "proc/msg_intake.h"

struct ww_received_asking {
    struct ww_keeper_asking keeper;
    struct ww_msg_received_ask m;
    bool limited; /* to so many rows */
    uint64_t left;
    uint64_t removed;
    json_t *report; /* one that is put together; or NULL */
    size_t size;    /* octets of it so far */
};

/*
 * Puts a report together out of what the keeper tells of it, a policy or a failure at a time; takes over
 * item. One that is too large for one object goes on in others:
 *   {"continues": NUMBER, "policies": [{"place": …, …, "failures": […]}]}
 * where a policy that was there already has its place and more of its failures alone.
 */
void ww_received_asking_add(struct ww_received_asking *a, json_t *item, size_t size);
/* Sends what there is of it. */
void ww_received_asking_flush(struct ww_received_asking *a);

#endif
