"""Hooks into the programs that make pictures: each signs what it is handed, and nothing else.

    pillow     save_signed(image, "out.png", how, profile="studio")
    diffusers  SignedPipeline(pipeline, profile="studio")(prompt="…").save("out.png")
    comfyui    a folder of custom nodes, to be copied or linked into `custom_nodes`
    a1111      an extension of AUTOMATIC1111 and Forge, to be copied or linked into `extensions`

A hook runs last, imports its framework when it is used, and holds no key: it names a profile, or is
handed a signer. Prompts and settings are committed to unless somebody opens them.
"""
