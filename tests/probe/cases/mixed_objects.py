"""Objects of different classes in one variable, and objects that hold others of their class."""

from __future__ import annotations

import numpy as np

from ..harness import case

SIGNED = np.array([0.7, 1.3, -0.4])


class Shape:
    def area(self):
        raise NotImplementedError

    def twice(self):
        return 2.0 * self.area()


class Circle(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return np.pi * self.r**2


class Rect(Shape):
    def __init__(self, w, h):
        self.w = w
        self.h = h

    def area(self):
        return self.w * self.h


class Scene:
    def __init__(self):
        self.shapes = []

    def add(self, s):
        self.shapes.append(s)

    def total(self):
        t = 0.0
        for s in self.shapes:
            t += s.area()
        return t


class Const:
    def __init__(self, v):
        self.v = v

    def eval(self, x):
        return self.v


class Var:
    def eval(self, x):
        return x


class Add:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def eval(self, x):
        return self.a.eval(x) + self.b.eval(x)


class Mul:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def eval(self, x):
        return self.a.eval(x) * self.b.eval(x)


class Spring:
    def __init__(self, k):
        self.k = k
        self.e = 0.0

    def step(self, q):
        self.e += self.k * q**2


class Damper:
    def __init__(self, c):
        self.c = c
        self.e = 0.0
        self.n = 0

    def step(self, q):
        self.e = self.e + self.c * q
        self.n += 1


class Drawing:
    def __init__(self, a, b):
        self.shapes = [Circle(a), Rect(a, b)]

    def add(self, s):
        self.shapes.append(s)

    def total(self):
        return sum(s.area() for s in self.shapes)


class Group(Shape):
    def __init__(self, parts):
        self.parts = parts

    def area(self):
        return sum(p.area() for p in self.parts)


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


class LinkedList:
    def __init__(self):
        self.head = None

    def push(self, v):
        self.head = Node(v, self.head)

    def total(self):
        t, node = 0.0, self.head
        while node is not None:
            t += node.value * node.value
            node = node.next
        return t


class Linked:
    def __init__(self, v):
        self.v = v
        self.prev = None
        self.next = None


class Cell:
    def __init__(self, v, rest=None):
        self.v, self.rest = v, rest


def first(x, shapes):
    for s in shapes:
        if isinstance(s, Rect) and s.w < 0:
            return s.h * s.w
        if isinstance(s, Circle) and s.r > 1.0:
            return s.r**3
    return 0.0


def walk(node):
    while isinstance(node, Add):
        node = node.a
    return node


def evaluate(e, x):
    match e:
        case Const(v=v):
            return v
        case Var():
            return x
        case Add(a=a, b=b):
            return evaluate(a, x) + evaluate(b, x)
        case Mul(a=a, b=b):
            return evaluate(a, x) * evaluate(b, x)


@case((SIGNED,), second=True)
def inherited_method_calls_another(x):
    sc = Scene()
    for i in range(3):
        if x[i] > 0:
            sc.add(Circle(x[i]))
        else:
            sc.add(Rect(x[i], 2.0))
    return sum([s.twice() for s in sc.shapes])


@case((SIGNED,), second=True)
def dict_of_objects_filled_in_a_loop(x):
    d = {}
    for i in range(3):
        if i == 1:
            d[i] = Circle(x[i])
        else:
            d[i] = Rect(x[i], x[i] * 2.0)
    t = 0.0
    for k, s in d.items():
        t += s.area() * (k + 1)
    return t


@case((SIGNED,), second=True)
def dict_comprehension_of_objects(x):
    d = {i: (Circle(x[i]) if x[i] > 0 else Rect(x[i], 1.0)) for i in range(3)}
    return sum(s.area() for s in d.values())


@case((SIGNED,), second=True)
def isinstance_at_run_time(x):
    shapes = [Circle(v) if v > 0 else Rect(v, 1.5) for v in x]
    t = 0.0
    for s in shapes:
        if isinstance(s, Circle):
            t += s.r**3
        else:
            t += s.w * s.h
    return t


@case((SIGNED,), second=True)
def match_on_class_patterns(x):
    shapes = [Circle(v) if v > 0 else Rect(v, 1.5) for v in x]
    t = 0.0
    for s in shapes:
        match s:
            case Circle(r=r):
                t += r**3
            case Rect(w=w, h=h):
                t += w * h * 2.0
    return t


@case((SIGNED,), second=True)
def objects_with_methods_that_write(x):
    parts = []
    for i in range(3):
        parts.append(Spring(x[i]) if i else Damper(x[i]))
    for k in range(2):
        for p in parts:
            p.step(x[k] + k)
    return sum(p.e for p in parts)


@case((SIGNED,), second=True)
def expression_made_in_a_loop(x):
    e = Const(1.0)
    for i in range(3):
        if x[i] > 0:
            e = Mul(e, Add(Var(), Const(x[i])))
        else:
            e = Add(e, Const(x[i]))
    return e.eval(x[0])


@case((SIGNED,), second=True)
def list_of_nodes(x):
    l = LinkedList()
    for v in x:
        l.push(v)
    return l.total()


@case((SIGNED,), second=True)
def nodes_linked_both_ways(x):
    first = Linked(x[0])
    last = first
    for i in range(1, 3):
        n = Linked(x[i])
        n.prev = last
        last.next = n
        last = n
    t = 0.0
    c = last
    while c is not None:
        if c.prev is not None:
            t += c.v * c.prev.v
        c = c.prev
    return t * first.next.v


@case((SIGNED,), second=True)
def display_that_gets_more_objects(x):
    sc = Drawing(x[0], x[1])
    sc.add(Circle(x[2]))
    return sc.total()


@case((SIGNED,), second=True)
def objects_by_index(x):
    shapes = [Circle(x[0]), Rect(x[1], x[2]), Circle(x[1])]
    t = 0.0
    for i in [2, 0, 1, 1]:
        t += shapes[i].area() * (i + 1)
    return t


@case((SIGNED,), second=True)
def objects_and_weights(x):
    shapes = [Circle(x[0]), Rect(x[1], x[2]), Circle(x[1])]
    return sum(w * s.area() for w, s in zip(x, shapes))


@case((SIGNED,), second=True)
def largest_of_objects(x):
    shapes = [Circle(x[0]), Rect(x[1], x[2]), Circle(x[1])]
    b = max(shapes, key=lambda s: s.area())
    return b.area()


@case((SIGNED,), second=True)
def objects_sorted(x):
    shapes = [Circle(x[0]), Rect(x[1], x[2]), Circle(x[1])]
    t = 0.0
    for k, s in enumerate(sorted(shapes, key=lambda s: s.area())):
        t += k * s.area()
    return t


@case((SIGNED,), second=True)
def objects_filtered_by_class(x):
    shapes = [Circle(v) if v > 0 else Rect(v, 2.0) for v in x]
    round_ = [s for s in shapes if isinstance(s, Circle)]
    rest = [s for s in shapes if not isinstance(s, Circle)]
    return sum(c.r for c in round_) * sum(r.w * r.h for r in rest)


@case((SIGNED,), second=True)
def group_in_a_group(x):
    g = Group([Circle(x[0]), Group([Rect(x[1], x[2]), Circle(x[2])])])
    return g.area()


@case((SIGNED,), second=True)
def groups_nested_in_a_loop(x):
    g = Group([Circle(x[0])])
    for i in range(2):
        g = Group([g, Rect(x[i], x[i + 1])])
    return g.area() * g.twice()


@case((SIGNED,), second=True)
def type_of_an_object(x):
    t = 0.0
    for i in range(3):
        s = Circle(x[i]) if x[i] > 0 else Rect(x[i], 1.0)
        if type(s) is Circle:
            t += s.r**2
        else:
            t += s.w
    return t


@case((SIGNED,), second=True)
def stack_of_objects(x):
    stack = []
    for i in range(3):
        stack.append(Circle(x[i]) if i != 1 else Rect(x[i], x[0]))
    t = 1.0
    while stack:
        s = stack.pop()
        t *= 1.0 + s.area()
    return t


@case((SIGNED,), second=True)
def best_object_so_far(x):
    found = None
    for i in range(3):
        s = Circle(x[i]) if i % 2 else Rect(x[i], 1.0)
        if found is None or s.area() > found.area():
            found = s
    return found.area()


@case((SIGNED,), second=True)
def first_object_that_fits(x):
    return first(x, [Circle(v) if v > 0 else Rect(v, v) for v in x])


@case((SIGNED,), second=True)
def walk_down_a_tree(x):
    e = Const(x[0])
    for i in range(1, 3):
        e = Add(e, Const(x[i]))
    w = walk(e)
    return w.v**2 + e.b.v


@case((SIGNED,), second=True)
def match_on_a_tree(x):
    e = Const(x[0])
    for i in range(1, 3):
        e = Add(Mul(e, Var()), Const(x[i]))
    return evaluate(e, x[2]) ** 2


class Disc:
    def __init__(self, r):
        self.r = r

    def area(self):
        return self.r * self.r


class Band:
    def __init__(self, w):
        self.w = w

    def area(self):
        return self.w * 3.0


class Blank:
    pass


@case((np.array([1.5, -0.7, 0.4]), 4))
def class_without_the_method_passed_over(x, n):
    shapes = [Disc(x[0]), Band(x[1]), Blank(), Disc(x[2])]
    s = 0.0
    for i in range(n):
        if i != 2:
            s += shapes[i].area()
    return s


@case((np.array([1.5, -0.7, 0.4]), 3))
def none_at_first_then_of_two_classes(x, n):
    best = None
    s = 0.0
    for i in range(n):
        if i == 1:
            best = Disc(x[i])
        if i == 2:
            best = Band(x[i])
        if not isinstance(best, Disc):
            if best is None:
                s += x[0]
            else:
                s += best.w * x[1]
        else:
            s += best.r * x[2]
    return s
