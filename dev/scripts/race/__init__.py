"""The races: who runs (`office`), how (`track`), against whom (`wip`, `bills`, `money`)."""
