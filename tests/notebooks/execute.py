"""Runs a notebook top to bottom in a fresh kernel: execute.py FROM TO FOLDER SECONDS_A_CELL SHOWN.

FOLDER is where the kernel runs, SHOWN is JSON, how many displays and lines each cell is meant to show.
"""

import json
import os
import sys
import time
from queue import Empty

import nbformat
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError

# The kernel's word that a cell is done may overtake what the cell shows. Seconds to wait for what is
# missing, and for more than is expected.
MISSING, MORE = 20, 0.3

# How often the kernel is asked whether it is heard, two seconds each.
ECHOES = 60


class PatientClient(NotebookClient):
    """Keeps collecting a cell's outputs until they are all there."""

    def __init__(self, notebook, shown, **options):
        super().__init__(notebook, **options)
        self._shown = shown

    def _is_missing(self, cell, cell_index):
        kinds = [output["output_type"] for output in cell.outputs]
        printed = [output["text"] for output in cell.outputs if output.get("name") == "stdout"]
        expected = self._shown[cell_index]
        return "error" not in kinds and (
            kinds.count("display_data") < expected["displays"]
            or "".join(printed).count("\n") < expected["lines"]
        )

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        end = time.monotonic() + MISSING
        while True:
            rest = end - time.monotonic() if self._is_missing(cell, cell_index) else MORE
            try:
                message = await ensure_async(
                    self.kc.iopub_channel.get_msg(timeout=max(rest, 0))
                )
            except Empty:
                return
            if message["parent_header"].get("msg_id") == parent_msg_id:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    pass

    async def async_start_new_kernel_client(self):
        client = await super().async_start_new_kernel_client()
        # What is published before the output channel has joined is lost: only an echo shows that it has.
        for _ in range(ECHOES):
            if await self._echoes(client):
                return client
        raise RuntimeError("the kernel's output channel cannot be joined")

    async def _echoes(self, client):
        sent = client.execute("0", silent=True, store_history=False)
        try:
            while True:
                message = await ensure_async(client.iopub_channel.get_msg(timeout=2))
                idle = message["content"].get("execution_state") == "idle"
                if idle and message["parent_header"].get("msg_id") == sent:
                    return True
        except Empty:
            return False


def has_error(notebook):
    """Whether an output says what went wrong."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return any(output["output_type"] == "error" for output in outputs)


def main(source, target, folder, seconds, shown):
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = PatientClient(
        notebook,
        json.loads(shown),
        kernel_name="deno",
        timeout=float(seconds),
        startup_timeout=120,
        record_timing=False,
        coalesce_streams=True,
        iopub_timeout=3 * MISSING,
        resources={"metadata": {"path": os.path.abspath(folder)}},
    )
    try:
        client.execute()
    except CellExecutionError:
        # It is among the outputs, unless that message was lost.
        if not has_error(notebook):
            raise
    nbformat.write(notebook, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
