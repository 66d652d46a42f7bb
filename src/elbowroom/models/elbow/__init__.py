"""The recurrent elbow network: outputs, ensemble inference, decoding and learned scale."""
