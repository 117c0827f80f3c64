/* waxwing watch test-alert. */
#ifndef WW_CLI_WATCH_TEST_ALERT_H
#define WW_CLI_WATCH_TEST_ALERT_H

int ww_watch_test_alert(int argc, char **argv);

#endif
