"""The client API: assembly, sign-in of programs, problem documents, health."""
