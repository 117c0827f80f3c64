/*
 * The queue of a Unix datagram socket: it is counted in messages, and has the length that the system had
 * configured when the socket was made.
 */
#ifndef WW_DAEMON_DATAGRAM_QUEUE_H
#define WW_DAEMON_DATAGRAM_QUEUE_H

/* A shorter one loses results in a burst of deliveries: Postfix does not wait. */
#define WW_DATAGRAM_QUEUE_WANTED 512

#define WW_DATAGRAM_QUEUE_PATH "/proc/sys/net/unix/max_dgram_qlen"

#define WW_DATAGRAM_QUEUE_COMMAND "sysctl -w net.unix.max_dgram_qlen=512"

/* As the system has it now, in this network namespace; 0 when it does not say. */
unsigned ww_datagram_queue(void);

#endif
