/* The policy host: its addresses, TLS, certificate, HTTP. Included by check_table.h. */
