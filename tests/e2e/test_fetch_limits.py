"""What policy hosts see of the limits of fetches."""

import threading

from lab import table

A_SECOND = 3
COUNT = 15
# Domains with an own policy host that answers as it should.
DOMAINS = [d for d in table.load().values() if d.finds == "enforce" and not d.web and not d.waits][:COUNT]


def fetched(lab, since):
    """When the policies were asked for, in order, as the web server has logged it."""
    times = []
    for d in DOMAINS:
        times += [float(line.split()[0]) for line in lab.web.requests(d)[since[d.name]:]]
    return sorted(times)


def test_so_many_a_second(lab, new_waxwingd):
    assert len(DOMAINS) == COUNT
    daemon = new_waxwingd(start=False, resolvers=1, answer_deadline="1m", fetch={"max_per_second": A_SECOND})
    before = {d.name: len(lab.web.requests(d)) for d in DOMAINS}
    daemon.start()
    answers = {}
    threads = [threading.Thread(target=lambda d=d: answers.update({d.name: daemon.lookup(d.shown, seconds=60)}))
               for d in DOMAINS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # They are late, but none has failed.
    assert {name for name, answer in answers.items() if answer.startswith("OK secure")} == {d.name for d in DOMAINS}
    times = fetched(lab, before)
    assert len(times) == COUNT
    # The last group begins four seconds after the first; how late the server sees either is the machine's business.
    assert times[-1] - times[0] > (COUNT / A_SECOND - 1) * 0.7, times
