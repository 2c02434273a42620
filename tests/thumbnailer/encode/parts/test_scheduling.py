import os
import subprocess
import sys

import pytest

# In a process of its own, so that a failure leaves no test real-time.
ENCODED = """
import os
import numpy as np
from thumbnailer.encode.parts.footage import Footage
from thumbnailer.encode.avif import encode_avif
encode_avif(Footage(np.zeros((3, 32, 32, 3), np.uint8)), 8, 50)
print({os.sched_getscheduler(int(thread)) for thread in os.listdir("/proc/self/task")})
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's encoder may take real time")
def test_an_encoder_of_root_leaves_no_thread_real_time() -> None:
    told = subprocess.run(
        [sys.executable, "-c", ENCODED], check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == str({os.SCHED_OTHER})
