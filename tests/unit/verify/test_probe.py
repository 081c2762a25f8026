"""Probes as values."""

from lissom.verify.probe import Exec, Files, Http, Instance, Probe, Probes, Run


def test_names_are_unique():
    one = Probes.of(Probe("a", Http()), Probe("a", Http(path="/x")))
    two = one.plus(Probes.of(Probe("a", Exec(("true",)))))
    assert [probe.name for probe in two.checks] == ["a", "a (2)", "a (3)"]


def test_an_instance_has_the_port_of_the_whole():
    probes = Probes(port=80, instances={"b": Instance("b", port=81)})
    assert (probes.instance("default").port, probes.instance("b").port) == (80, 81)


def test_the_other_counts_where_both_say_something():
    one = Probes(port=80, instances={"a": Instance("a", user="x")}, crawl=True)
    two = one.plus(Probes(port=81, instances={"a": Instance("a", user="y")}))
    assert (two.port, two.instances["a"].user, two.crawl) == (81, "y", True)
    assert one.plus(Probes()) == one


def test_paths_that_must_stay():
    probes = Probes.of(Probe("a", Files("/etc/x")), Probe("b", Files("/gone", exists=False)), Probe("c", Http()))
    assert probes.paths == {"/etc/x"}


def test_what_needs_a_running_container():
    assert [Probe("", action).needs_instance for action in (Http(), Exec(("a",)), Run(()), Files("/"))] == [
        True, True, False, False,
    ]  # fmt: skip
