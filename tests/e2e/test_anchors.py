def test_try(new_waxwingd, lab):
    import time, os
    d = new_waxwingd()
    print(d.lookup("good.example"))
    time.sleep(3)
    print(d.log())
    os.system(f"ls -l {os.path.dirname(d.store)}; cat {os.path.dirname(d.store)}/root.key")
    r = d.waxwing("status", "--config", d.conf); print(r.stdout, r.stderr)
    r = d.waxwing("doctor", "--config", d.conf); print(r.stdout, r.stderr)
    assert 0
