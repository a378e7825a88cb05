"""What runs do, one class each. To add one: a module with a class, a line below. Run,
window and buttons find it in ``OPERATIONS``."""

from .approve import Approve
from .bill import Bill
from .delete import Delete
from .produce import Produce
from .revert import Revert

#: Operations by key, in the order in which people are shown them.
OPERATIONS = {
    operation.key: operation for operation in (Bill, Approve, Produce, Revert, Delete)
}
