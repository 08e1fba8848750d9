"""The rooms that know Streamlit: state and its address, inputs, cache, layout, errors, the live figure."""
