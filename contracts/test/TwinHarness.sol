// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Order, WinCert} from "../interfaces/ISettlement.sol";
import {LimitMath} from "../libraries/LimitMath.sol";
import {OrderLib} from "../libraries/OrderLib.sol";
import {PoolAddress} from "../libraries/PoolAddress.sol";
import {Cursor, Program} from "../libraries/Program.sol";

/// @title TwinHarness
/// @notice Shows the settlement's libraries to the tests of their TypeScript twins, many cases a call.
contract TwinHarness {
    using LimitMath for Order;
    using OrderLib for Order;
    using OrderLib for WinCert;
    using Program for Cursor;

    /// @notice Struct hash of each order.
    function hashes(Order[] calldata orders) external pure returns (bytes32[] memory all) {
        all = new bytes32[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) all[i] = orders[i].hash();
    }

    /// @notice Limit of each order at its time.
    function limits(Order[] calldata orders, uint256[] calldata times) external pure returns (uint256[] memory all) {
        all = new uint256[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) all[i] = orders[i].limitAt(times[i]);
    }

    /// @notice Pro rata of each triple limit, sold, amount.
    function proRatas(uint128[3][] calldata triples) external pure returns (uint128[] memory all) {
        all = new uint128[](triples.length);
        for (uint256 i = 0; i < triples.length; ++i) {
            all[i] = LimitMath.proRata(triples[i][0], triples[i][1], triples[i][2]);
        }
    }

    /// @notice Struct hash of a certificate shown by the caller.
    function certHash(WinCert calldata cert, bytes32 order, uint128 amount) external view returns (bytes32) {
        return cert.hash(order, amount);
    }

    /// @notice Hash of the Permit2 witness type, as Permit2 appends it to its own.
    function permit2TypeHash() external pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,",
                    OrderLib.PERMIT2_WITNESS
                )
            );
    }

    /// @notice Addresses of the V2 pair and the V3 pool of two tokens.
    function pools(
        uint256 rowV2,
        uint256 rowV3,
        address tokenA,
        address tokenB,
        uint24 fee
    ) external pure returns (address pair, address pool) {
        (pair, ) = PoolAddress.v2(rowV2, tokenA, tokenB);
        pool = PoolAddress.v3(rowV3, tokenA, tokenB, fee);
    }

    /// @notice The order that the packed bytes of this call hold from byte `offset` on, and where it ends.
    function readOrder(uint256 offset, bytes calldata) external pure returns (Order memory order, uint256 end) {
        Cursor memory cursor;
        cursor.offset = offset;
        order = cursor.readOrder();
        end = cursor.offset;
    }
}
