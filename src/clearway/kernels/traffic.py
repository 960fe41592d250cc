"""The traffic kernels as the simulator calls them: machine code, without Numba once they have been compiled."""

from clearway.kernels.machine_code import MachineCode

drive_until = MachineCode("clearway.kernels.way_trees", "drive_until")
set_out = MachineCode("clearway.kernels.way_trees", "set_out")
shut = MachineCode("clearway.kernels.link_transmission", "shut")
wake_all = MachineCode("clearway.kernels.link_transmission", "wake_all")
miscounted = MachineCode("clearway.kernels.link_transmission", "miscounted")
