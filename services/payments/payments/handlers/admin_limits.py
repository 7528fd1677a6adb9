"""What the words of an operator must be, at whatever endpoint they stand."""

from typing import Annotated

import msgspec

PlayerId = Annotated[int, msgspec.Meta(gt=0, le=2**53)]
ChargeId = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Note = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="Why; written to the audit.")]
