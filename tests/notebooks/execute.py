"""Runs a notebook top to bottom in a fresh kernel: execute.py FROM TO SECONDS_A_CELL."""

import os
import sys
from queue import Empty

import nbformat
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError

# The kernel's word that a cell is done may overtake what the cell shows.
LINGER = 1.5


class PatientClient(NotebookClient):
    """Keeps collecting outputs for a moment after each cell."""

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        while True:
            try:
                message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=LINGER))
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
        while not await self._echoes(client):
            pass
        return client

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


def main(source, target, seconds):
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    folder = os.path.dirname(os.path.abspath(source))
    client = PatientClient(
        notebook,
        kernel_name="deno",
        timeout=float(seconds),
        startup_timeout=120,
        record_timing=False,
        iopub_timeout=30,
        resources={"metadata": {"path": folder}},
    )
    try:
        client.execute()
    except CellExecutionError:
        pass  # It is among the outputs.
    nbformat.write(notebook, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
