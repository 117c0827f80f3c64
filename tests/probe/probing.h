/* What the tests of probes share: a loop, certificates, and a probe that is waited for. */
#ifndef WW_TESTS_PROBE_PROBING_H
#define WW_TESTS_PROBE_PROBING_H

#include "probe/mx_probe.h"

#include "fake_mx.h"
#include "netns.h"
#include "pki.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define FIRST "127.0.0.25"
#define HOST "mx.example"
#define DEADLINE_MS 10000

#define OFFER "250-mx.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
#define GO "220 go ahead\r\n"

extern struct event_base *base;
extern struct pki *pki;

/* A host with STARTTLS that says goodbye. */
extern const struct mx_script good;

/* Enters a network namespace, makes base and pki, and runs the tests. */
int probing_run(const char *name, const struct CMUnitTest *tests, size_t count);

struct ww_mx_prober *prober_new(unsigned deadline_ms);

/* Probes one address or two; with a target whose addresses, and the host if it has none, are filled in here.
 */
const struct ww_mx_probe_result *probe(struct ww_mx_probe_target target, const char *first,
                                       const char *second, unsigned deadline_ms);

#endif
