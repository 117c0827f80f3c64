/* DNS: the record at _mta-sts, the zones and name servers behind it. Included by check_table.h. */
