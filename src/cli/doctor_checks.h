/*
 * Rows of the table of checks: WW_CHECK(name, id, source). Included by doctor.h and doctor_report.c; no
 * guard. The id is for scripts and does not change; the source says where to read on. waxwing(1) lists them.
 */

WW_CHECK(DOCTOR, "doctor", "waxwing(1)")

WW_CHECK(CONFIG, "config", "waxwing.conf(5)")
WW_CHECK(CONFIG_SETTINGS, "config-settings", "waxwing.conf(5)")

WW_CHECK(DAEMON, "daemon", "waxwingd(8)")
WW_CHECK(DAEMON_VERSION, "daemon-version", "waxwingd(8)")
WW_CHECK(DAEMON_ROLES, "daemon-roles", "waxwingd(8)")
WW_CHECK(DAEMON_DNS, "daemon-dns", "waxwingd(8)")
WW_CHECK(DAEMON_STORE, "daemon-store", "waxwingd(8)")
WW_CHECK(DAEMON_PRELOAD, "daemon-preload", "waxwing.conf(5)")
WW_CHECK(DAEMON_WATCH, "daemon-watch", "waxwing-watch(1)")
WW_CHECK(DAEMON_FILES, "daemon-files", "waxwingd(8)")
WW_CHECK(LISTENER, "listener", "waxwing.conf(5)")
WW_CHECK(HTTP, "http", "docs/api.md")

WW_CHECK(POSTFIX, "postfix", "postconf(1)")
WW_CHECK(POSTFIX_MAPS, "postfix-maps", "docs/postfix.md")
WW_CHECK(POSTFIX_MAP_NAME, "postfix-map-name", "docs/postfix.md")
WW_CHECK(POSTFIX_ORDER, "postfix-order", "postconf(5), smtp_tls_policy_maps")
WW_CHECK(POSTFIX_REACH, "postfix-reach", "docs/postfix.md")
WW_CHECK(POSTFIX_TRANSPORT, "postfix-transport", "master(5)")
WW_CHECK(POSTFIX_LEVEL, "postfix-level", "postconf(5), smtp_tls_security_level")
WW_CHECK(POSTFIX_AUTHORITIES, "postfix-authorities", "postconf(5), smtp_tls_CAfile")
WW_CHECK(POSTFIX_DANE, "postfix-dane", "postconf(5), smtp_dns_support_level")
WW_CHECK(POSTFIX_RESOLVER, "postfix-resolver", "docs/postfix.md")
WW_CHECK(POSTFIX_PROTOCOLS, "postfix-protocols", "RFC 8461 section 7.2")
WW_CHECK(POSTFIX_RELAYHOST, "postfix-relayhost", "postconf(5), relayhost")
WW_CHECK(POSTFIX_LIMITS, "postfix-limits", "docs/postfix.md")
WW_CHECK(POSTFIX_LOG, "postfix-log", "postconf(5), smtp_tls_loglevel")

WW_CHECK(DNS, "dns", "RFC 4035 section 5")
WW_CHECK(DNS_TCP, "dns-tcp", "RFC 7766")
WW_CHECK(DNS_ANCHORS, "dns-anchors", "RFC 5011")

WW_CHECK(HTTPS_IPV4, "https-ipv4", "RFC 8461 section 3.3")
WW_CHECK(HTTPS_IPV6, "https-ipv6", "RFC 8461 section 3.3")

WW_CHECK(SMTP_IPV4, "smtp-ipv4", "RFC 5321 section 5")
WW_CHECK(SMTP_IPV6, "smtp-ipv6", "RFC 5321 section 5")
WW_CHECK(STARTTLS, "starttls", "RFC 3207")

WW_CHECK(CLOCK, "clock", "adjtimex(2)")
WW_CHECK(CLOCK_OFFSET, "clock-offset", "RFC 9110 section 6.6.1")

WW_CHECK(STORE, "store", "waxwingd(8)")
WW_CHECK(STORE_DAMAGE, "store-damage", "waxwingd(8)")
WW_CHECK(STORE_SPACE, "store-space", "waxwingd(8)")

WW_CHECK(REPORTS, "reports", "docs/reports.md")
WW_CHECK(REPORTS_KEY, "reports-key", "docs/reports.md")
WW_CHECK(REPORTS_DKIM, "reports-dkim", "RFC 8460 section 3")
WW_CHECK(REPORTS_SMTP, "reports-smtp", "docs/reports.md")
WW_CHECK(REPORTS_MX, "reports-mx", "docs/reports.md")

WW_CHECK(INTAKE, "intake", "docs/intake.md")
WW_CHECK(INTAKE_CERTIFICATE, "intake-certificate", "docs/intake.md")

WW_CHECK(AUTHORITIES, "authorities", "waxwing.conf(5)")
WW_CHECK(MEMORY, "memory", "waxwing.conf(5)")
WW_CHECK(DATAGRAM_QUEUE, "datagram-queue", "docs/reports.md")
