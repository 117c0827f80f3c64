/* DNSSEC and TLSA records of the MX hosts. Included by check_table.h. */
