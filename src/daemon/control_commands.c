#include "daemon/control.h"

static const struct {
    const char *name;
    ww_control_command *run;
} commands[] = {
    {"advise", ww_control_advise},
    {"alert-test", ww_control_alert_test},
    {"cache-export", ww_control_cache_export},
    {"cache-history", ww_control_history},
    {"cache-import", ww_control_cache_import},
    {"cache-list", ww_control_cache_list},
    {"cache-purge", ww_control_cache_purge},
    {"cache-refresh", ww_control_cache_refresh},
    {"cache-show", ww_control_cache_show},
    {"override-list", ww_control_override_list},
    {"override-remove", ww_control_override_remove},
    {"override-set", ww_control_override_set},
    {"preload-update", ww_control_preload_update},
    {"publish-add", ww_control_publish_add},
    {"publish-change", ww_control_publish_change},
    {"publish-list", ww_control_publish_list},
    {"publish-look", ww_control_publish_look},
    {"publish-remove", ww_control_publish_remove},
    {"publish-show", ww_control_publish_show},
    {"quarantine-list", ww_control_quarantine_list},
    {"quarantine-raw", ww_control_quarantine_raw},
    {"quarantine-remove", ww_control_quarantine_remove},
    {"quarantine-show", ww_control_quarantine_show},
    {"received-export", ww_control_received_export},
    {"received-list", ww_control_received_list},
    {"received-raw", ww_control_received_raw},
    {"received-remove", ww_control_received_remove},
    {"received-show", ww_control_received_show},
    {"received-stats", ww_control_received_stats},
    {"report-content", ww_control_report_content},
    {"report-list", ww_control_report_list},
    {"report-retry", ww_control_report_retry},
    {"report-send", ww_control_report_send},
    {"report-show", ww_control_report_show},
    {"report-suppress", ww_control_report_suppress},
    {"report-suppressed", ww_control_report_suppressed},
    {"report-bounce", ww_control_report_bounce},
    {"status", ww_control_status},
    {"watch-ack", ww_control_watch_ack},
    {"watch-add", ww_control_watch_add},
    {"watch-check", ww_control_watch_check},
    {"watch-list", ww_control_watch_list},
    {"watch-remove", ww_control_watch_remove},
    {"watch-report", ww_control_watch_report},
    {"watch-show", ww_control_watch_show},
};

void ww_control_run(struct ww_request *request)
{
    const json_t *version = json_object_get(ww_request_json(request), "waxwing");
    const char *name = ww_request_string(request, "command");
    if (json_integer_value(version) != WW_CONTROL_VERSION || name == NULL) {
        ww_request_end(
            request, WW_E_CONTROL_REQUEST,
            "\"waxwing\": 1 and a \"command\" are wanted; command and daemon must be of one version");
        return;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            commands[i].run(request);
            return;
        }
    }
    ww_request_end(request, WW_E_CONTROL_COMMAND, NULL);
}
