/*
 * All that is counted, in the order of /metrics: WW_STAT(id, name, kind, shape, help).
 *
 * The name is that of Prometheus, without the "_total" of counters. The shape says which labels there are,
 * and so how many values. docs/metrics.md lists all of them (a test compares).
 */

/* every role */
WW_STAT(CPU, "waxwing_role_cpu_seconds", COUNTER_US, ROLE, "CPU time that the process has used.")
WW_STAT(MEMORY, "waxwing_role_memory_bytes", GAUGE, ROLE, "Resident memory of the process.")

/* front */
WW_STAT(LOOKUPS, "waxwing_lookups", COUNTER, LOOKUP,
        "Look-ups answered, by map name, kind of answer, and whether it was at hand or had to be waited for.")
WW_STAT(LOOKUP_CACHED, "waxwing_lookup_cached_seconds", HISTOGRAM, FAST,
        "Time to answer look-ups from memory, from reading the request to sending the answer.")
WW_STAT(LOOKUP_WAITED, "waxwing_lookup_waited_seconds", HISTOGRAM, SLOW,
        "Time to answer look-ups that had to wait for DNS and HTTPS.")
WW_STAT(CONNECTIONS, "waxwing_connections", GAUGE, NONE, "Connections of MTAs that are open.")
WW_STAT(CONNECTED, "waxwing_connections_accepted", COUNTER, NONE, "Connections of MTAs that were accepted.")
WW_STAT(CACHE_ENTRIES, "waxwing_cache_entries", GAUGE, CLASS,
        "Domains in the cache: without a policy, with one that demands nothing, with an enforced one.")
WW_STAT(CACHE_LIMIT, "waxwing_cache_limit_entries", GAUGE, NONE, "Domains that the cache may hold.")
WW_STAT(CACHE_BYTES, "waxwing_cache_bytes", GAUGE, NONE, "Memory of the cache.")
WW_STAT(CACHE_LIMIT_BYTES, "waxwing_cache_limit_bytes", GAUGE, NONE, "Memory that the cache may use.")
WW_STAT(CACHE_LOST, "waxwing_cache_enforced_lost", COUNTER, NONE,
        "Unexpired enforced policies given up for others: max_domains is too small.")
WW_STAT(WEAKER, "waxwing_policies_weaker", COUNTER, NONE,
        "Policies that protect less than the one that was known of the domain before.")
WW_STAT(FLIGHTS, "waxwing_flights", GAUGE, NONE, "Domains that are looked up in DNS and by HTTPS now.")
WW_STAT(REFRESHES, "waxwing_refreshes", GAUGE, NONE,
        "Those of them that nobody waits for: policies refreshed ahead of their next use.")

WW_STAT(OVERRIDES, "waxwing_overrides", GAUGE, NONE, "Overrides of domains, configured and set at run time.")
WW_STAT(OVERRIDDEN, "waxwing_overridden_answers", COUNTER, OVERRIDE,
        "Answers that an override has given, by its level.")
WW_STAT(DRY_RUN, "waxwing_dry_run", GAUGE, NONE, "1 while all answers are withheld (dry_run).")
WW_STAT(WITHHELD, "waxwing_dry_run_withheld", COUNTER, NONE,
        "Answers withheld by dry_run that would have demanded TLS.")
/* in the order of enum ww_dry_run_verdict */
WW_STAT(DRY_RUN_UNKNOWN, "waxwing_dry_run_could_not_tell", COUNTER, NONE,
        "Domains looked at in a dry run whose MX hosts could not be found.")
WW_STAT(DRY_RUN_DELIVER, "waxwing_dry_run_would_deliver", COUNTER, NONE,
        "Domains looked at in a dry run of which an MX host matches the patterns.")
WW_STAT(DRY_RUN_FAIL, "waxwing_dry_run_would_fail", COUNTER, NONE,
        "Domains looked at in a dry run of which no MX host matches the patterns.")

WW_STAT(PRELOAD_ANSWERS, "waxwing_preload_answers", COUNTER, NONE, "Answers that the preload list has given.")
WW_STAT(PRELOAD_DOMAINS, "waxwing_preload_domains", GAUGE, NONE,
        "Domains of the preload list that counts; 0 without one, and once it has expired.")
WW_STAT(PRELOAD_EXPIRES, "waxwing_preload_expires_time_seconds", GAUGE, NONE,
        "When the preload list expires; 0 without one.")

WW_STAT(SEEN_FAILURES, "waxwing_policy_failures_reported", COUNTER, NONE,
        "Policies in use that could not be had, told to the collector to be reported.")
WW_STAT(SEEN_LOST, "waxwing_policy_failures_unreported", COUNTER, NONE,
        "The same that could not be told, as the collector was away.")
WW_STAT(RECHECKS, "waxwing_policy_rechecks", COUNTER, NONE,
        "Policies looked at again since a delivery has failed under them.")

/* preload */
WW_STAT(PRELOAD_LOOKED, "waxwing_preload_looked_time_seconds", GAUGE, NONE,
        "When the source of the preload list was last read without a fault; 0 never.")
WW_STAT(PRELOAD_ERRORS, "waxwing_preload_errors", COUNTER, ERROR,
        "Looks at the source of the preload list that failed, by error.")

/* herald */
WW_STAT(ALERTS_DELIVERED, "waxwing_alert_messages", COUNTER, CHANNEL,
        "Messages with alerts that were delivered, by channel.")
WW_STAT(ALERT_FAILURES, "waxwing_alert_failures", COUNTER, CHANNEL,
        "Attempts to deliver a message with alerts that failed, by channel.")
WW_STAT(ALERTS_LOST, "waxwing_alerts_lost", COUNTER, CHANNEL,
        "Alerts that were given up after three days of attempts, by channel.")
WW_STAT(ALERTS_WAITING, "waxwing_alerts_waiting", GAUGE, CHANNEL,
        "Alerts that wait to be delivered, by channel.")

/* courier */
WW_STAT(REPORT_TRIES, "waxwing_report_tries", COUNTER, TRIED,
        "Attempts to deliver a report to one of its destinations, by how they have ended.")
WW_STAT(REPORT_INSECURE, "waxwing_report_insecure", COUNTER, NONE,
        "Reports accepted by a host whose certificate is not good.")
WW_STAT(REPORT_LOOKUP_ERRORS, "waxwing_report_lookup_errors", COUNTER, ERROR,
        "Look-ups of where a report goes that DNS did not answer, by error.")
WW_STAT(REPORTS_UNDER_WAY, "waxwing_reports_under_way", GAUGE, NONE, "Reports that the courier has now.")

/* intake */
WW_STAT(SUBMISSIONS, "waxwing_report_submissions", COUNTER, SUBMISSION,
        "Reports of others that were handed in, by channel and by what became of them.")
WW_STAT(SUBMISSIONS_UNDER_WAY, "waxwing_report_submissions_under_way", GAUGE, NONE,
        "Reports of others that were handed in and are not answered yet.")
WW_STAT(SUBMISSION_OCTETS, "waxwing_report_submissions_bytes", GAUGE, NONE, "And their octets.")
WW_STAT(DECODER_DEATHS, "waxwing_decoder_deaths", COUNTER, NONE,
        "How often the decoder has died of a report, or had to be given up.")
WW_STAT(DKIM_KEY_ERRORS, "waxwing_dkim_key_errors", COUNTER, ERROR,
        "Keys of DKIM signatures that DNS has given no answer about, by error.")

/* watcher */
WW_STAT(LOOKS, "waxwing_looks", COUNTER, NONE,
        "Domains whose MX hosts were looked at for their reports, as MTAs cannot tell them all.")
WW_STAT(LOOK_FAILURES, "waxwing_look_failures", COUNTER, NONE,
        "MX hosts of theirs that were found to be none that the policy holds for.")

/* collector */
WW_STAT(COLLECT_DATAGRAMS, "waxwing_collect_datagrams", COUNTER, NONE,
        "Datagrams of libtlsrpt that were received, good and bad.")
WW_STAT(COLLECT_LINES, "waxwing_collect_lines", COUNTER, NONE,
        "Events that came as lines, or that Waxwing has seen itself.")
WW_STAT(COLLECT_REFUSED, "waxwing_collect_refused", COUNTER, ERROR,
        "Datagrams and lines that break a rule, by error.")
WW_STAT(COLLECT_FULL_DRAINS, "waxwing_collect_full_queues", COUNTER, NONE,
        "How often a queue of datagrams was found full, so that MTAs may have lost some.")
WW_STAT(COLLECT_FULL, "waxwing_collect_journal_full", COUNTER, NONE,
        "How often the journal of TLS results became full, so that none were taken for a while.")
WW_STAT(COLLECT_JOURNAL, "waxwing_collect_journal_bytes", GAUGE, NONE,
        "Octets of the journal that are in use.")
WW_STAT(COLLECT_JOURNAL_LIMIT, "waxwing_collect_journal_limit_bytes", GAUGE, NONE, "And that it has.")
WW_STAT(COLLECT_FOLDS, "waxwing_collect_folds", COUNTER, NONE, "Sums of results that were sent to the store.")
WW_STAT(COLLECT_LAG, "waxwing_collect_lag_seconds", GAUGE, NONE,
        "How long the oldest result that is not in the store yet has been in the journal.")
WW_STAT(COLLECT_RECHECKS, "waxwing_collect_rechecks", COUNTER, NONE,
        "Domains that were looked up anew as a delivery had failed under their policy.")

/* intake: by HTTP */
WW_STAT(INTAKE_HTTP, "waxwing_intake_http_requests", COUNTER, NONE,
        "Requests by HTTPS, HTTP and `waxwing report ingest`, good and bad.")
WW_STAT(
    INTAKE_HTTP_REFUSED, "waxwing_intake_http_refused", COUNTER, NONE,
    "Those of them that were refused before they were read: by method, type, length, or for want of room.")
WW_STAT(INTAKE_HTTP_LIMITED, "waxwing_intake_http_limited", COUNTER, NONE,
        "The same as their address had made too many (intake.per_minute).")

/* resolver */
WW_STAT(DISCOVERIES, "waxwing_discoveries", COUNTER, OUTCOME, "Domains looked up, by what was found.")
WW_STAT(DISCOVERY_ERRORS, "waxwing_discovery_errors", COUNTER, ERROR,
        "Domains looked up with a failure, by its error.")
WW_STAT(SURVEYS, "waxwing_dane_surveys", COUNTER, NONE, "Domains surveyed for DANE.")
WW_STAT(SURVEY_ERRORS, "waxwing_dane_survey_errors", COUNTER, ERROR,
        "Domains of which the MX records could not be surveyed for DANE, by error.")
WW_STAT(SURVEYED_HOSTS, "waxwing_dane_hosts", COUNTER, DANE,
        "MX hosts surveyed for DANE, by what their TLSA records come to.")
WW_STAT(DNS_ERRORS, "waxwing_dns_errors", COUNTER, ERROR, "DNS questions that failed, by error.")
WW_STAT(DNS_SECONDS, "waxwing_dns_seconds", HISTOGRAM, SLOW,
        "Time of DNS questions: for a record, or for both kinds of a policy host's addresses.")
WW_STAT(FETCH_ERRORS, "waxwing_fetch_errors", COUNTER, ERROR,
        "Policy fetches by HTTPS that brought no answer, by error.")
WW_STAT(FETCH_SECONDS, "waxwing_fetch_seconds", HISTOGRAM, SLOW, "Time of policy fetches by HTTPS.")
WW_STAT(RESOLVING, "waxwing_resolver_flights", GAUGE, ROLE, "Look-ups that this resolver has under way.")
WW_STAT(RESOLVER_WAITING, "waxwing_resolver_waiting", GAUGE, ROLE,
        "Look-ups that wait for their turn in this resolver.")
WW_STAT(DNS_HEALTH, "waxwing_dns_health", GAUGE, ROLE,
        "What the resolver's self-test found: 0 not done yet, 1 DNSSEC validates, 2 DNSSEC does not get "
        "through, 3 no DNS server answers, 4 the root's signatures do not fit the trust anchors.")
WW_STAT(DANE_LEFT_OUT, "waxwing_dane_left_out", GAUGE, ROLE,
        "1 while there is no DANE, as DNSSEC does not get through to this machine and never has.")
WW_STAT(ANCHOR_SOURCE, "", HIDDEN, NONE, "Of the first: where its trust anchors are from, an enum and one.")
WW_STAT(ANCHOR_TAGS, "", HIDDEN, TAGS, "Of the first: the root's keys that it trusts.")

/* front and keeper */
WW_STAT(STORE_WAITING, "waxwing_store_writes_waiting", GAUGE, NONE,
        "Changes that the store does not have yet.")

/* decoder */
WW_STAT(DECODED, "waxwing_submissions_decoded", COUNTER, NONE,
        "Submissions that were read as reports of others.")
WW_STAT(UNDECODED, "waxwing_submissions_unreadable", COUNTER, NONE,
        "Submissions that could not be read as reports of others.")

/* keeper */
WW_STAT(ANCHORS, "waxwing_trust_anchors", GAUGE, ANCHOR,
        "Keys of the DNS root that are known, by their state in RFC 5011.")
WW_STAT(ANCHORS_CONFIRMED, "waxwing_trust_anchors_confirmed_time_seconds", GAUGE, NONE,
        "When a trusted key has last vouched for the keys of the DNS root; 0 never.")
WW_STAT(ANCHOR_WAITING, "", HIDDEN, TAGS, "Keys that wait to be trusted.")
WW_STAT(STORE_OLDEST, "waxwing_store_lag_seconds", GAUGE, NONE,
        "How long the oldest change that the keeper holds waits to be written.")
WW_STAT(STORE_UP, "waxwing_store_up", GAUGE, NONE, "1 when the store is well, 0 when it is in trouble.")
WW_STAT(STORE_TROUBLE, "", HIDDEN, NONE, "The error behind the trouble, an enum ww_err.")
WW_STAT(STORE_WRITES, "waxwing_store_writes", COUNTER, NONE, "Changes written to the store.")
WW_STAT(STORE_BATCHES, "waxwing_store_batches", COUNTER, NONE, "Transactions that wrote them.")
WW_STAT(STORE_FAILURES, "waxwing_store_failures", COUNTER, ERROR, "Failures of the store, by error.")
WW_STAT(STORE_LOADED, "waxwing_store_loaded", COUNTER, NONE, "Policies read from the store into memory.")
WW_STAT(RESULTS, "waxwing_results", COUNTER, NONE,
        "SMTP sessions whose TLS results were added up in the store.")
WW_STAT(RESULTS_REFUSED, "waxwing_results_refused", COUNTER, NONE,
        "Results left out, as they are of days too long ago or make no sense.")
WW_STAT(RESULTS_UNLISTED, "waxwing_results_unlisted", COUNTER, NONE,
        "Sessions that no report will tell of, as their day has too many domains.")
WW_STAT(RESULTS_OPEN, "waxwing_results_open", GAUGE, NONE,
        "Days of domains that results were added up for and no report was made of yet.")
WW_STAT(REPORTS_MADE, "waxwing_reports_made", COUNTER, NONE,
        "Reports made of the results of a domain and day.")
WW_STAT(WATCHED, "waxwing_watch_domains", GAUGE, NONE, "Domains that are watched.")
WW_STAT(WATCH_RUNS, "waxwing_watch_runs", COUNTER, NONE, "Inspections of watched domains.")
WW_STAT(WATCH_ERRORS, "waxwing_watch_errors", GAUGE, NONE,
        "Errors that the last inspections of all watched domains have found.")
WW_STAT(WATCH_WARNINGS, "waxwing_watch_warnings", GAUGE, NONE, "The same of warnings.")
WW_STAT(WATCH_INFOS, "waxwing_watch_infos", GAUGE, NONE, "The same of informations.")
WW_STAT(WATCH_ALERTS, "waxwing_watch_alerts", COUNTER, NONE, "Alerts that watched domains have raised.")
WW_STAT(WATCH_ALERTS_WAITING, "waxwing_watch_alerts_waiting", GAUGE, NONE,
        "Inspections whose alerts were not delivered yet.")
WW_STAT(REPORTS, "waxwing_reports", GAUGE, REPORT, "Reports in the outbox, by what became of them.")
WW_STAT(REPORT_TARGETS, "waxwing_report_deliveries", GAUGE, TARGET,
        "Destinations of the reports in the outbox, by what became of the report there.")
WW_STAT(REPORT_SUPPRESSED, "waxwing_report_destinations_suppressed", GAUGE, NONE,
        "Destinations that get no reports, as they have refused them or the operator says so.")
WW_STAT(REPORT_OLDEST_DUE, "waxwing_report_overdue_seconds", GAUGE, NONE,
        "For how long the report that has been due the longest is; 0 when none is.")
WW_STAT(PUBLISHED, "waxwing_published_domains", GAUGE, PUBLISHED,
        "Domains whose policy is published, by state.")
WW_STAT(PUBLISHED_WAITING, "waxwing_published_waiting_for_operator", GAUGE, NONE,
        "Those for which nothing goes on before the operator has done something.")
WW_STAT(RECEIVED, "waxwing_received_reports", GAUGE, NONE, "Reports of others that are kept.")
WW_STAT(RECEIVED_QUARANTINED, "waxwing_received_quarantined", GAUGE, NONE,
        "Submissions that could not be read and are kept as they came.")
WW_STAT(RECEIVED_OCTETS, "waxwing_received_octets_today", GAUGE, NONE,
        "Octets that are kept of what came today, UTC: intake.per_day is the limit.")
WW_STAT(RECEIVED_NEW, "waxwing_received", COUNTER, NONE, "Reports of others that were taken down.")
WW_STAT(RECEIVED_AGAIN, "waxwing_received_again", COUNTER, NONE,
        "Reports of others that were there already, and counted once.")
WW_STAT(RECEIVED_NOT_OURS, "waxwing_received_not_ours", COUNTER, NONE,
        "Reports of others about domains that none are taken of.")
WW_STAT(RECEIVED_REFUSED, "waxwing_received_refused", COUNTER, NONE,
        "Reports of others that could not be kept; who has them was asked to try again.")

/* publisher */
WW_STAT(PUBLISH_REQUESTS, "waxwing_publish_requests", COUNTER, SERVED,
        "Requests to the policy hosts of our own domains, and for challenges of ACME, by the answer.")
WW_STAT(PUBLISH_CONNECTIONS, "waxwing_publish_connections", GAUGE, NONE,
        "Connections to our own policy hosts that are open.")
WW_STAT(PUBLISH_HANDSHAKES_FAILED, "waxwing_publish_handshakes_failed", COUNTER, NONE,
        "Connections to our own policy hosts whose TLS handshake has failed, or was not finished.")
WW_STAT(PUBLISH_UNKNOWN, "waxwing_publish_names_unknown", COUNTER, NONE,
        "Handshakes that were refused, as they named no host, or none of ours.")
WW_STAT(PUBLISH_SITES, "waxwing_publish_sites", GAUGE, NONE, "Policy hosts that the publisher is to serve.")
WW_STAT(PUBLISH_SERVED, "waxwing_publish_served", GAUGE, NONE,
        "Those of them that have a policy and a certificate.")
WW_STAT(PUBLISH_ENDING, "waxwing_publish_certificates_ending", GAUGE, NONE,
        "Those of them whose certificate ends within 14 days, or has ended.")
WW_STAT(PUBLISH_TROUBLED, "waxwing_publish_certificates_unusable", GAUGE, NONE,
        "Those of them whose certificate files cannot be used, or are missing.")
