/* The MX hosts: SMTP, STARTTLS, TLS, certificates; and our own way to them. Included by check_table.h. */
