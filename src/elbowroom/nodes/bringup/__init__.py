"""The graph as processes: started, brought up, asked, and launched."""
