"""A break with an else."""


def first_above(xs, limit):
    total = 0.0
    for x in xs:
        total = total + x * x
        if total > limit:
            found = x * total
            break
    else:
        found = total * 10.0
    return found


ARGUMENTS = ([0.3, 0.8, 1.1, 0.5], 1.0)
