/*
 * crypto_rsa.h - reads an RSA private key (RFC 8017 A.1.2); of the files crypto*.c alone.
 */
#ifndef ASSAY_CRYPTO_RSA_H
#define ASSAY_CRYPTO_RSA_H

#include <openssl/evp.h>

/* NULL where it is no RSAPrivateKey of two primes, or its numbers do not belong together. */
EVP_PKEY *crypto_rsa_read(const unsigned char *der, long length);

#endif
