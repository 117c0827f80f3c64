/* The policy against the MX hosts, in both directions; what senders do. Included by check_table.h. */
