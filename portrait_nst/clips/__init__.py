"""Clips: moving pictures in files, with their sound, times and colours. The only room beside `report` that knows PyAV."""
