/* Test alerts: one through each channel that is configured, at once and once; whoever asked is told how it
 * went. */
#ifndef WW_DAEMON_HERALD_TEST_H
#define WW_DAEMON_HERALD_TEST_H

#include "daemon/asked.h"
#include "daemon/config.h"

struct ww_herald_tests;

/* All is borrowed. NULL: memory is short. */
struct ww_herald_tests *ww_herald_tests_new(struct event_base *base, const struct ww_config *config,
                                            struct ww_asked *asked, const char *host);
void ww_herald_tests_free(struct ww_herald_tests *tests);

/* Answers with a ww_msg_alert_test. Who asks while a test is under way is told of that one. */
void ww_herald_tests_ask(struct ww_herald_tests *tests, struct ww_question_ref ref);

#endif
