"""What a forged checkpoint folder is, and what must become of it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    code: str  # of hasten::Error, or "ok" for a control that must be taken
    message: str  # a part of the error's message
    # File name -> its bytes, None to leave a file of the valid folder out, or a function that is
    # given the path and makes something there.
    files: dict
    target: str = ""  # what is opened: the folder, or a file in it
